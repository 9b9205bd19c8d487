/** For a control that leaves the focus where it is. On phones a press takes none from a field. */
export const KEEPS_FOCUS: object = {};
