export function view() { return { element: document.createElement("div"), show() {}, hide() {}, update() {} }; }
