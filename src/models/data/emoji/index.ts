/** Scenes of emoji on textured grounds. */
export { EmojiConfig, type EmojiFactors, type EmojiScene, emojiChoices, emojiNames, emojiScene, renderEmoji } from "./emoji.js"
export { type GroundFactors, type GroundKind, groundKinds } from "./ground.js"
