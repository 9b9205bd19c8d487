/** Runs bodies one after another, in the order of the calls; one that rejects does not stop the next. */
export function createTurns(): <Result>(body: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (body) => {
    const run = last.then(body);
    last = run.catch(() => undefined);
    return run;
  };
}
