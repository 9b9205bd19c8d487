/** The page came from its server. */
export const CAN_CHOOSE_SERVER = false;

/** In development the page comes from Expo's server instead, which is told where ours is. */
export function defaultServerUrl(): string {
  return process.env.EXPO_PUBLIC_SERVER_URL ?? window.location.origin;
}
