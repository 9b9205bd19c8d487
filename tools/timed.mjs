// Long steps say what they do and how long it took.

/** Runs a step under a line that says what it is; answers what the step answers. */
export async function timed(words, step) {
  console.log(`• ${words} …`);
  const begun = performance.now();
  const result = await step();
  console.log(`  done in ${seconds(performance.now() - begun)}`);
  return result;
}

export function seconds(milliseconds) {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
