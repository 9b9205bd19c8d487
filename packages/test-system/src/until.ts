/** Longer than anything takes on a busy machine: past it the test fails with what it waited for. */
const PATIENCE_MS = 45_000;
/** How often a condition without a signal of its own is looked at. */
const LOOK_AGAIN_MS = 10;

/**
 * A barrier: resolves as soon as the condition holds, with what it answered.
 *
 * @param what completes the sentence "Waited in vain until …"
 * @param condition anything but `undefined`, `null` and `false` counts as holding
 */
export async function until<T>(what: string, condition: () => T | Promise<T>): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await condition();
    if (holds(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}`);
    await new Promise<void>((resolve) => void setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

function holds<T>(answer: T): answer is Exclude<T, undefined | null | false> {
  return answer !== undefined && answer !== null && answer !== false;
}
