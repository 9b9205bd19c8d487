import { expect, test } from 'vitest';
import { identityOf, serverUrlOf, signInErrors, signUpErrors } from './sign-in-rules.ts';

test('a login is an email, a phone number or a username', () => {
  expect(identityOf(' Ana@Demo.test ')).toEqual({ email: 'ana@demo.test' });
  expect(identityOf('+41 79 123 45 67')).toEqual({ phone: '+41791234567' });
  expect(identityOf('Mara.L')).toEqual({ username: 'mara.l' });
});

test.each(['', 'ab', 'a b c', 'ana@', '+0123', '.dot'])('%j is no login', (login) => {
  expect(identityOf(login)).toBeNull();
});

test('errors say what to do', () => {
  expect(signUpErrors({ name: ' ', login: 'ana@', password: 'abc' })).toEqual({
    name: 'Tell people who you are',
    login: 'This does not look like an email address yet',
    password: 'Use at least 8 characters (5 more)',
  });
  expect(signUpErrors({ name: 'Ana', login: 'ana', password: 'long enough' })).toEqual({});
});

test('signing in asks only that something is there: an old password may be short', () => {
  expect(signInErrors({ login: 'x', password: 'y' })).toEqual({});
  expect(Object.keys(signInErrors({ login: ' ', password: '' }))).toEqual(['login', 'password']);
});

test('a server address is an origin', () => {
  expect(serverUrlOf('chat.example.org/')).toBe('https://chat.example.org');
  expect(serverUrlOf('192.168.1.20:4000')).toBe('http://192.168.1.20:4000');
  expect(serverUrlOf('http://localhost:4000/c/1')).toBe('http://localhost:4000');
  expect(serverUrlOf('http://')).toBeNull();
  expect(serverUrlOf(' ')).toBeNull();
});
