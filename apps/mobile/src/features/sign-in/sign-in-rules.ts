/**
 * What can be told before the server is asked. The server's schemas decide;
 * these only say the same sooner and in words.
 */
export interface SignUpFields {
  name: string;
  login: string;
  password: string;
}
export type FieldErrors = Partial<Record<keyof SignUpFields, string>>;

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]{2,}$/;
const PHONE = /^\+[1-9]\d{6,14}$/;
const USERNAME = /^[a-z0-9][a-z0-9_.-]{2,31}$/;
/** Separators people write into phone numbers. */
const PHONE_NOISE = /[\s().-]/g;

export type Identity = { email: string } | { phone: string } | { username: string };

/** What kind of login this is; `null` when it is none. */
export function identityOf(login: string): Identity | null {
  const text = login.trim();
  if (text.includes('@')) return EMAIL.test(text) ? { email: text.toLowerCase() } : null;
  if (text.startsWith('+')) {
    const phone = text.replace(PHONE_NOISE, '');
    return PHONE.test(phone) ? { phone } : null;
  }
  const username = text.toLowerCase();
  return USERNAME.test(username) ? { username } : null;
}

export function signUpErrors({ name, login, password }: SignUpFields): FieldErrors {
  const errors: FieldErrors = {};
  if (name.trim().length === 0) errors.name = 'Tell people who you are';
  else if (name.trim().length > 80) errors.name = 'Use at most 80 characters';
  if (identityOf(login) === null) errors.login = loginAdvice(login);
  if (password.length < 8) errors.password = password.length === 0 ? 'Choose a password' : `Use at least 8 characters (${8 - password.length} more)`;
  else if (password.length > 200) errors.password = 'Use at most 200 characters';
  return errors;
}

export function signInErrors({ login, password }: Pick<SignUpFields, 'login' | 'password'>): FieldErrors {
  const errors: FieldErrors = {};
  if (login.trim().length === 0) errors.login = 'Enter your email, phone or username';
  if (password.length === 0) errors.password = 'Enter your password';
  return errors;
}

function loginAdvice(login: string): string {
  const text = login.trim();
  if (text.length === 0) return 'Enter an email, phone number or username';
  if (text.includes('@')) return 'This does not look like an email address yet';
  if (text.startsWith('+')) return 'Use the international form, e.g. +41 79 123 45 67';
  return 'A username has 3 to 32 letters, digits, dots, dashes or underscores';
}

/** The server's address as it is used, or `null` when it is none. `chat.example.org` means https; a bare local host means http. */
export function serverUrlOf(text: string): string | null {
  const trimmed = text.trim().replace(/(?<=[^/:])\/+$/, '');
  if (trimmed.length === 0) return null;
  const isLocal = /^(localhost|\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:]+\])(:\d+)?$/i.test(trimmed);
  const address = /^https?:/i.test(trimmed) ? trimmed : `${isLocal ? 'http' : 'https'}://${trimmed}`;
  if (!URL.canParse(address)) return null;
  return new URL(address).origin;
}
