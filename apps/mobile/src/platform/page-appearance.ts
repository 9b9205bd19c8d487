/** Phones follow the appearance through the app's own colours. */
export function paintPage(_appearance: 'light' | 'dark'): void {}
