/**
 * The steps that words choose: a word that names steps chooses those, any other
 * word chooses test files by a part of their path. Without words, everything.
 *
 * Of `alone`, each step answered is told by `parts` which files of it to run: all where there are none.
 */
export function chooseSteps({ quiet, exports, alone }, words) {
  if (words.length === 0) return { quiet, exports, alone };
  const names = new Set([...quiet, ...exports, ...alone].flatMap((step) => step.words));
  const parts = words.filter((word) => !names.has(word));
  const isNamed = (step) => step.words.some((word) => words.includes(word));
  return {
    quiet: quiet.filter(isNamed),
    exports: exports.filter(isNamed),
    alone: alone.filter((step) => isNamed(step) || parts.length > 0).map((step) => (isNamed(step) ? step : { ...step, parts })),
  };
}
