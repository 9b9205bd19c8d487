declare global {
  interface Window {
    /** Rows of messages that React rendered since the last call: each as often as it was. */
    renderedRows(): number;
  }
}

interface Fiber {
  memoizedProps: { row?: { key?: unknown }; actions?: unknown } | null;
  alternate: Fiber | null;
  child: Fiber | null;
  sibling: Fiber | null;
  flags: number;
}

/** Counts in every build what React renders. Runs in the page, before its first script: it may use nothing from outside of itself. */
export function countRenderedRows(): void {
  /** React's own mark on a component that rendered. */
  const PERFORMED_WORK = 1;
  let rows = 0;
  const isRow = (fiber: Fiber) => typeof fiber.memoizedProps?.row?.key === 'string' && fiber.memoizedProps.actions !== undefined;
  function countIn(fiber: Fiber, before: Fiber | null, within: Set<unknown>): void {
    if (isRow(fiber) && (before === null || (fiber.flags & PERFORMED_WORK) !== 0)) within.add(fiber.memoizedProps?.row?.key);
    if (before !== null && fiber.child === before.child) return;
    for (let child = fiber.child; child !== null; child = child.sibling) countIn(child, child.alternate, within);
  }
  Object.assign(globalThis, {
    renderedRows() {
      const rendered = rows;
      rows = 0;
      return rendered;
    },
    __REACT_DEVTOOLS_GLOBAL_HOOK__: {
      isDisabled: false,
      supportsFiber: true,
      renderers: new Map(),
      inject: () => 1,
      onCommitFiberUnmount: () => undefined,
      onPostCommitFiberRoot: () => undefined,
      onCommitFiberRoot(_renderer: number, root: { current: Fiber }) {
        const keys = new Set<unknown>();
        countIn(root.current, root.current.alternate, keys);
        rows += keys.size;
      },
    },
  });
}
