import { useState } from 'react';
import { Pressable, View } from 'react-native';
import { useServerUrl } from '../../messenger/messenger-provider.tsx';
import { useAppDispatch } from '../../state/store.ts';
import { serverChosen } from '../../state/ui-slice.ts';
import { Field } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Text } from '../../ui/text.tsx';
import { SPACE, TOUCH_TARGET } from '../../ui/tokens.ts';
import { serverUrlOf } from './sign-in-rules.ts';

/** Which server this phone talks with, out of the way of those who never change it. */
export function ServerAddress() {
  const dispatch = useAppDispatch();
  const serverUrl = useServerUrl();
  const [isOpen, setIsOpen] = useState(false);
  const [text, setText] = useState(serverUrl);
  const chosen = serverUrlOf(text);
  return (
    <View style={{ gap: SPACE.s }}>
      <Pressable
        role="button"
        aria-expanded={isOpen}
        onPress={() => setIsOpen((open) => !open)}
        style={{ flexDirection: 'row', alignItems: 'center', gap: SPACE.s, minHeight: TOUCH_TARGET }}
        testID="sign-in-advanced"
      >
        <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} size={18} />
        <Text color="textSecondary" weight="500">
          Advanced
        </Text>
      </Pressable>
      {isOpen ? (
        <Field
          label="Server address"
          value={text}
          onChangeText={setText}
          onBlur={() => {
            if (chosen && chosen !== serverUrl) dispatch(serverChosen(chosen));
          }}
          error={chosen ? null : 'Enter an address such as chat.example.org'}
          hint={chosen ? `Connects to ${chosen}` : undefined}
          inputMode="url"
          autoCapitalize="none"
          autoCorrect={false}
          testID="sign-in-server"
        />
      ) : null}
    </View>
  );
}
