import { ask, pause } from './ask.ts';
import type { ServerNode } from './server-node.ts';

const ASK_AGAIN_MS = 250;

/** Waits until each of these nodes that runs says that it is ready. Answers those that did not within this time. */
export async function unreadyAfter(nodes: readonly ServerNode[], withinMs: number): Promise<readonly ServerNode[]> {
  const deadline = performance.now() + withinMs;
  const late = await Promise.all(
    nodes.map(async (node) => {
      while (node.isUp) {
        if ((await ask(`${node.url}/readyz`))?.status === 200) return [];
        if (performance.now() > deadline) return [node];
        await pause(ASK_AGAIN_MS);
      }
      return [];
    }),
  );
  return late.flat();
}
