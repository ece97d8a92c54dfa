/** Words of a command line that a user is told to type. */

/** A text as a shell takes it for one word. */
export const word = (text: string): string => (/^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
