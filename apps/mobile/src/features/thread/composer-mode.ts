import type { Message } from '@couplet/protocol';
import type { Editable } from './message-menu.tsx';

/** What the next send is: something new, an answer, or another text for what was said. */
export type ComposerMode = { type: 'write' } | { type: 'reply'; message: Message; author: string } | { type: 'edit'; message: Editable };
