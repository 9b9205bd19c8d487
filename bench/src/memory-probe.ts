// Loaded before a server that is measured: tells what it needs in memory, without what the next collection takes.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

process.on('message', (question) => {
  if (question !== 'memory') return;
  // What a first collection lets go of, a second one frees.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send?.({ heap: heapUsed + external, resident: rss });
});
// Waiting for questions must not keep a server alive that was told to stop.
process.channel?.unref();
