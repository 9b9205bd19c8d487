import type { OutgoingFile } from '@couplet/client';
import type { Conversation } from '@couplet/protocol';
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { TextInput, View } from 'react-native';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { keepBeforeReload } from '../../platform/app-update.ts';
import { useGrowingInput } from '../../platform/growing-input.ts';
import { hasFinePointer } from '../../platform/pointer.ts';
import { useTextScale } from '../../platform/text-scale.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { createStyles, useTheme } from '../../ui/theme.tsx';
import { scaledType, SPACE, THREAD_COLUMN_WIDTH, TOUCH_TARGET } from '../../ui/tokens.ts';
import { AttachButton } from './attach-button.tsx';
import type { ComposerMode } from './composer-mode.ts';
import { ComposerStrip } from './composer-strip.tsx';
import { useDraft } from './use-draft.ts';

export interface ComposerHandle {
  focus: () => void;
  /** Puts words back that could not be sent, before what was written since. */
  restore: (text: string) => void;
}

export interface ComposerProps {
  conversation: Conversation;
  mode: ComposerMode;
  /** Resolves when the device has what was said. */
  onSubmit: (text: string) => Promise<void>;
  onSendFiles: (files: readonly OutgoingFile[], caption: string) => void;
  onFailure: (error: unknown) => void;
  onCancelMode: () => void;
  onEditLast: () => void;
  onScrollByPage: (direction: -1 | 1) => void;
  ref?: Ref<ComposerHandle>;
}

/** As many characters as the server takes. */
const TEXT_LENGTH = 8_000;

/** The field, its send button and what it answers or edits. Typing renders nothing but this. */
export function Composer({ conversation, mode, onSubmit, onSendFiles, onFailure, onCancelMode, onEditLast, onScrollByPage, ref }: ComposerProps) {
  const styles = useStyles();
  const { colors, scheme } = useTheme();
  const insets = useSafeAreaInsets();
  const textScale = useTextScale();
  const messenger = useMessenger();
  const input = useRef<TextInput>(null);
  const [text, setText] = useState(conversation.draft);
  const isEditing = mode.type === 'edit';
  const draft = useDraft({ conversationId: conversation.id, stored: conversation.draft, text, isWriting: !isEditing, adopt: setText });
  // Another text for what was said is kept nowhere.
  useEffect(() => (isEditing ? keepBeforeReload(() => 'busy') : undefined), [isEditing]);
  useGrowingInput(input, text);
  useModeText(mode, text, setText);
  useImperativeHandle(ref, () => ({
    focus: () => input.current?.focus(),
    restore: (lost) => setText((current) => (current.trim() ? `${lost}\n${current}` : lost)),
  }));
  useEffect(() => {
    if (mode.type !== 'write' || hasFinePointer()) input.current?.focus();
  }, [mode]);
  useEffect(() => () => messenger.presence.setTyping(conversation.id, false), [messenger, conversation.id]);

  const canSend = text.trim().length > 0;

  function change(next: string) {
    setText(next);
    if (mode.type === 'edit') return;
    draft.save(next);
    messenger.presence.setTyping(conversation.id, next.trim().length > 0);
  }

  function submit() {
    if (!canSend) return;
    setText('');
    messenger.presence.setTyping(conversation.id, false);
    const written = onSubmit(text.trim());
    if (mode.type !== 'edit') draft.forget(written);
    // Sent by the keyboard from elsewhere: the next line is written here.
    if (!input.current?.isFocused()) input.current?.focus();
  }

  function pressKey(event: { nativeEvent: { key: string }; preventDefault(): void }) {
    const native = event.nativeEvent as { key: string; shiftKey?: boolean; isComposing?: boolean };
    // While an input method composes, Enter chooses a word.
    if (native.isComposing) return;
    if (native.key === 'Enter' && !native.shiftKey && hasFinePointer()) {
      event.preventDefault();
      submit();
    } else if (native.key === 'Escape' && mode.type !== 'write') {
      event.preventDefault();
      onCancelMode();
    } else if (native.key === 'ArrowUp' && text === '' && mode.type === 'write') {
      event.preventDefault();
      onEditLast();
    } else if (native.key === 'PageUp' || native.key === 'PageDown') {
      event.preventDefault();
      onScrollByPage(native.key === 'PageUp' ? -1 : 1);
    }
  }

  return (
    <View style={[styles.bar, { paddingBottom: SPACE.s + insets.bottom }]}>
      <View style={styles.column}>
        {mode.type === 'write' ? null : <ComposerStrip mode={mode} onCancel={onCancelMode} />}
        <View style={styles.line}>
          {isEditing ? null : <AttachButton peerName={conversation.peer.name} onSend={onSendFiles} onFailure={onFailure} />}
          <TextInput
            ref={input}
            value={text}
            onChangeText={change}
            onKeyPress={pressKey}
            onBlur={() => messenger.presence.setTyping(conversation.id, false)}
            multiline
            maxLength={TEXT_LENGTH}
            {...ONE_ROW}
            aria-label={`Message to ${conversation.peer.name}`}
            placeholder="Message"
            placeholderTextColor={colors.textSecondary}
            selectionColor={colors.accent}
            keyboardAppearance={scheme}
            style={[styles.input, { maxHeight: MOST_LINES * LINE_HEIGHT * textScale + PADDING * 2 }]}
            testID="composer-input"
          />
          <IconButton
            icon={mode.type === 'edit' ? 'check' : 'arrow-up'}
            label={mode.type === 'edit' ? 'Save' : 'Send'}
            filled
            disabled={!canSend}
            keepsFocus
            onPress={submit}
            testID="composer-send"
          />
        </View>
      </View>
    </View>
  );
}

/** Editing takes the field over; when it ends, what was being written is there again. */
function useModeText(mode: ComposerMode, text: string, setText: (text: string) => void): void {
  const set = useRef(setText);
  const latest = useRef(text);
  const aside = useRef<string | null>(null);
  useEffect(() => {
    set.current = setText;
    latest.current = text;
  });
  useEffect(() => {
    if (mode.type === 'edit') {
      aside.current ??= latest.current;
      set.current(mode.message.text ?? '');
    } else if (aside.current !== null) {
      set.current(aside.current);
      aside.current = null;
    }
  }, [mode]);
}

/** The web's text area is two lines high unless told. */
const ONE_ROW = { rows: 1 };
/** Lines the field grows to before it scrolls. */
const MOST_LINES = 6;
const LINE_HEIGHT = 22;
const PADDING = 11;

const useStyles = createStyles((colors) => ({
  bar: { alignItems: 'center', paddingTop: SPACE.s, paddingHorizontal: SPACE.m, backgroundColor: colors.surface, borderTopWidth: 1, borderTopColor: colors.line },
  column: { width: '100%', maxWidth: THREAD_COLUMN_WIDTH - SPACE.m * 2 },
  line: { flexDirection: 'row', alignItems: 'flex-end', gap: SPACE.s },
  input: {
    flex: 1,
    minWidth: 0,
    minHeight: TOUCH_TARGET,
    paddingVertical: PADDING,
    paddingHorizontal: SPACE.l,
    borderRadius: TOUCH_TARGET / 2,
    ...scaledType(16, LINE_HEIGHT),
    color: colors.text,
    backgroundColor: colors.sunken,
  },
}));
