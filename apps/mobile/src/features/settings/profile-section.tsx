import type { Viewer } from '@couplet/protocol';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { View } from 'react-native';
import { errorText, fieldError } from '../../data/error-text.ts';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';
import { Text } from '../../ui/text.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { PhotoButton } from './photo-button.tsx';

const NAME_LENGTH = 80;

/** The viewer as others see them: their photo and name to change. */
export function ProfileSection({ viewer }: { viewer: Viewer }) {
  const messenger = useMessenger();
  const [name, setName] = useState(viewer.name);
  const [photoFailure, setPhotoFailure] = useState<string | null>(null);
  const save = useMutation({ mutationFn: (next: string) => messenger.session.updateProfile({ name: next }) });
  const isChanged = name.trim() !== viewer.name;
  const login = viewer.username ? `@${viewer.username}` : (viewer.email ?? viewer.phone ?? '');
  const error = name.trim() === '' ? 'Tell people who you are' : save.isError ? (fieldError(save.error, ['name']) ?? errorText(save.error)) : null;
  return (
    <Section title="Profile">
      <View style={{ flexDirection: 'row', alignItems: 'center', gap: SPACE.l, padding: SPACE.l }}>
        <PhotoButton viewer={viewer} onFailure={setPhotoFailure} />
        <View style={{ flex: 1, minWidth: 0 }}>
          <Text size="large" weight="600" numberOfLines={1} testID="settings-viewer">
            {viewer.name}
          </Text>
          <Text color="textSecondary" numberOfLines={1}>
            {login}
          </Text>
          {photoFailure ? (
            <Text size="small" color="danger" role="alert" testID="settings-photo-error">
              {photoFailure}
            </Text>
          ) : null}
        </View>
      </View>
      <View style={{ gap: SPACE.m, paddingHorizontal: SPACE.l, paddingBottom: SPACE.l }}>
        <Field
          label="Name"
          value={name}
          onChangeText={(next) => {
            setName(next);
            save.reset();
          }}
          maxLength={NAME_LENGTH}
          error={error}
          autoComplete="name"
          returnKeyType="done"
          onSubmitEditing={() => {
            if (isChanged && name.trim()) save.mutate(name.trim());
          }}
          testID="settings-name"
        />
        {isChanged ? <Button label="Save name" busy={save.isPending} disabled={name.trim() === ''} onPress={() => save.mutate(name.trim())} testID="settings-save-name" /> : null}
      </View>
    </Section>
  );
}
