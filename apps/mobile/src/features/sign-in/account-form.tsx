import { useRef, useState } from 'react';
import { type TextInput, View } from 'react-native';
import { errorText, fieldError, isTaken } from '../../data/error-text.ts';
import { useMessenger } from '../../messenger/messenger-provider.tsx';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Text } from '../../ui/text.tsx';
import { SPACE } from '../../ui/tokens.ts';
import { identityOf, signInErrors, signUpErrors, type SignUpFields } from './sign-in-rules.ts';

export type AccountMode = 'sign-in' | 'sign-up';

/** Idle, on its way, or refused by the server. */
type Submission = { status: 'idle' } | { status: 'sending' } | { status: 'refused'; error: unknown };

export function AccountForm({ mode }: { mode: AccountMode }) {
  const messenger = useMessenger();
  const [fields, setFields] = useState<SignUpFields>({ name: '', login: '', password: '' });
  const [touched, setTouched] = useState<Partial<Record<keyof SignUpFields, boolean>>>({});
  const [submission, setSubmission] = useState<Submission>({ status: 'idle' });
  const [showsPassword, setShowsPassword] = useState(false);
  const loginInput = useRef<TextInput>(null);
  const passwordInput = useRef<TextInput>(null);

  const errors = mode === 'sign-up' ? signUpErrors(fields) : signInErrors(fields);
  const refusal = submission.status === 'refused' ? submission.error : null;
  const loginRefusal = isTaken(refusal) ? errorText(refusal) : fieldError(refusal, ['email', 'phone', 'username', 'login']);
  const shown = {
    name: (touched.name ? errors.name : null) ?? fieldError(refusal, ['name']),
    login: (touched.login ? errors.login : null) ?? loginRefusal,
    password: (touched.password ? errors.password : null) ?? fieldError(refusal, ['password']),
  };
  const isFieldRefusal = Boolean(loginRefusal ?? fieldError(refusal, ['name', 'password']));

  function change(field: keyof SignUpFields, value: string) {
    setFields((current) => ({ ...current, [field]: value }));
    if (submission.status === 'refused') setSubmission({ status: 'idle' });
  }
  const touch = (field: keyof SignUpFields) => setTouched((current) => ({ ...current, [field]: fields[field].length > 0 || current[field] === true }));

  async function submit() {
    setTouched({ name: true, login: true, password: true });
    const identity = identityOf(fields.login);
    if (submission.status === 'sending' || Object.keys(errors).length > 0) return;
    setSubmission({ status: 'sending' });
    try {
      if (mode === 'sign-in') await messenger.session.login({ login: fields.login.trim(), password: fields.password });
      else await messenger.session.register({ ...identity, password: fields.password, name: fields.name.trim() });
    } catch (error) {
      setSubmission({ status: 'refused', error });
    }
  }

  return (
    <View style={{ gap: SPACE.l }}>
      {mode === 'sign-up' ? (
        <Field
          label="Name"
          value={fields.name}
          onChangeText={(value) => change('name', value)}
          onBlur={() => touch('name')}
          error={shown.name}
          autoComplete="name"
          textContentType="name"
          returnKeyType="next"
          submitBehavior="submit"
          onSubmitEditing={() => loginInput.current?.focus()}
          testID="sign-in-name"
        />
      ) : null}
      <Field
        ref={loginInput}
        label="Email, phone or username"
        value={fields.login}
        onChangeText={(value) => change('login', value)}
        onBlur={() => touch('login')}
        error={shown.login}
        autoComplete="username"
        textContentType="username"
        autoCapitalize="none"
        autoCorrect={false}
        spellCheck={false}
        inputMode="email"
        returnKeyType="next"
        submitBehavior="submit"
        onSubmitEditing={() => passwordInput.current?.focus()}
        testID="sign-in-login"
      />
      <Field
        ref={passwordInput}
        label="Password"
        value={fields.password}
        onChangeText={(value) => change('password', value)}
        onBlur={() => touch('password')}
        error={shown.password}
        hint={mode === 'sign-up' ? 'At least 8 characters' : undefined}
        secureTextEntry={!showsPassword}
        autoComplete={mode === 'sign-up' ? 'new-password' : 'current-password'}
        textContentType={mode === 'sign-up' ? 'newPassword' : 'password'}
        autoCapitalize="none"
        autoCorrect={false}
        returnKeyType="go"
        submitBehavior="submit"
        onSubmitEditing={() => void submit()}
        testID="sign-in-password"
        trailing={
          <IconButton
            icon={showsPassword ? 'eye-off' : 'eye'}
            label={showsPassword ? 'Hide password' : 'Show password'}
            color="textSecondary"
            size={18}
            onPress={() => setShowsPassword((shows) => !shows)}
            testID="sign-in-show-password"
          />
        }
      />
      {refusal !== null && !isFieldRefusal ? (
        <Text color="danger" role="alert" testID="sign-in-error">
          {errorText(refusal)}
        </Text>
      ) : null}
      <Button label={mode === 'sign-in' ? 'Sign in' : 'Create account'} busy={submission.status === 'sending'} onPress={() => void submit()} testID="sign-in-submit" />
    </View>
  );
}
