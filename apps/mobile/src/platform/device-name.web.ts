const BROWSERS: readonly (readonly [RegExp, string])[] = [
  // Order matters: every browser also claims to be the ones below it.
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** What the list of sessions calls this device, e.g. "Firefox on Linux". */
export function deviceName(): string {
  return `${nameIn(BROWSERS) ?? 'A browser'} on ${nameIn(SYSTEMS) ?? 'an unknown system'}`;
}

function nameIn(table: typeof BROWSERS): string | undefined {
  return table.find(([pattern]) => pattern.test(navigator.userAgent))?.[1];
}
