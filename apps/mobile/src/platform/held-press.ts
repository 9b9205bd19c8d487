/** A finger that lifts presses what it was put down on, and nothing that came under it meanwhile. */
export function ignoreRelease(): () => void {
  return nothing;
}

function nothing() {}
