// What is wrong with how a page looks, found by the browser itself: text below the contrast of WCAG AA (4.5 : 1), labels of a
// chart that touch, what sticks out. One expression, a line for each flaw.
function findFlaws() {
  const flaws = [];
  const { documentElement: root, body } = document;
  if (root.scrollWidth > root.clientWidth)
    flaws.push(`the page is ${root.scrollWidth} px wide, and ${root.clientWidth} px are there`);
  for (const element of body.querySelectorAll("*")) {
    const text = ownText(element);
    if (text === "" || !isSeen(element)) continue;
    const contrast = contrastOf(element);
    if (contrast < 4.5) flaws.push(`"${text.slice(0, 40)}" has a contrast of ${contrast.toFixed(1)}`);
  }
  for (const plot of body.querySelectorAll(".plot")) {
    const labels = [...plot.querySelectorAll("span")].filter(
      (label) => ownText(label) !== "" && isSeen(label),
    );
    const boxes = labels.map((label) => ({ label: ownText(label), box: label.getBoundingClientRect() }));
    for (const [index, { label, box }] of boxes.entries()) {
      if (box.left < 0 || box.right > root.clientWidth) flaws.push(`"${label}" sticks out`);
      for (const other of boxes.slice(index + 1))
        if (touches(box, other.box)) flaws.push(`"${label}" touches "${other.label}"`);
    }
  }
  return flaws;

  function ownText(element) {
    return [...element.childNodes]
      .filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
      .map(({ textContent }) => textContent ?? "")
      .join("")
      .trim();
  }

  function isSeen(element) {
    const seen = element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    return seen && !["SCRIPT", "STYLE", "TITLE", "title"].includes(element.tagName);
  }

  function touches(a, b) {
    // a pixel is the room between two lines of text
    return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  }

  function contrastOf(element) {
    const [one, other] = [luminance(colour(getComputedStyle(element).color)), luminance(groundOf(element))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  }

  function groundOf(element) {
    for (let at = element; at; at = at.parentElement) {
      const [red = 0, green = 0, blue = 0, alpha = 1] = colour(getComputedStyle(at).backgroundColor);
      if (alpha === 1) return [red, green, blue];
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [0, 0, 0] : [255, 255, 255];
  }

  function colour(text) {
    return (text.match(/[\d.]+/g) ?? []).map(Number);
  }

  // https://www.w3.org/TR/WCAG21/#dfn-relative-luminance
  function luminance(rgb) {
    const [red = 0, green = 0, blue = 0] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
}
