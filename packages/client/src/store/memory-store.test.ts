import { describeStore } from '../testing/contracts.ts';
import { createMemoryStore } from './memory-store.ts';

describeStore('the memory store', async () => createMemoryStore());
