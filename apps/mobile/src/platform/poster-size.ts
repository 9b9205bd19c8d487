/** Pixels on the longer side: sharp enough in a bubble until the video plays. */
export const POSTER_SIDE = 480;
/** As many as the server takes with an announcement (`LIMITS.posterLength`). */
export const POSTER_CHARACTERS = 40_000;
