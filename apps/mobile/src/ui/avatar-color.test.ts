import { expect, test } from 'vitest';
import { avatarColor, initials } from './avatar-color.ts';

test('initials are the first letters of the first and last word', () => {
  expect(initials('Mara Lindqvist')).toBe('ML');
  expect(initials('  Tomás  de la  Oyelaran ')).toBe('TO');
  expect(initials('élodie')).toBe('É');
});

test('initials never cut a letter outside the basic plane in half', () => {
  expect(initials('𝒜nna 🦊fox')).toBe('𝒜🦊');
});

test('a blank name still has a sign', () => {
  expect(initials('   ')).toBe('?');
});

test('a person keeps one colour, and people differ', () => {
  expect(avatarColor('0197-a')).toBe(avatarColor('0197-a'));
  const colors = new Set(Array.from({ length: 40 }, (_, index) => avatarColor(`user-${index}`)));
  expect(colors.size).toBeGreaterThan(6);
});
