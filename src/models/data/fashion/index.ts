/** Scenes of garments of Fashion-MNIST, which users install. */
export { type FashionMnist, fashionFolder, type Garments, garmentKinds, readFashionMnist } from "./garments.js"
export { FashionConfig, type FashionScene, fashionChoices, fashionScene, type GarmentFactors } from "./scene.js"
