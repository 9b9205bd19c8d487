/**
 * What people of one language are called and talk about. A scene is one exchange;
 * each line begins with `<` (who began it) or `>` (who answers), and `{word}`
 * stands for any of the words of that name.
 */
export interface Phrasebook {
  firstNames: readonly string[];
  lastNames: readonly string[];
  words: Readonly<Record<string, readonly string[]>>;
  scenes: readonly (readonly string[])[];
}
