/**
 * For a control that leaves the focus where it is: the pointer's press is what
 * moves it. A field that loses it and gets it back lays out the page twice, and on
 * phones closes and opens the keyboard.
 */
export const KEEPS_FOCUS: object = {
  onMouseDown(event: { preventDefault(): void }) {
    event.preventDefault();
  },
};
