// Let slides fit: cells that do not fit on a slide continue on the next one, and a single part that
// is taller than a slide is drawn smaller. Runs before reveal.js starts.

/** The height of a slide's content, of 720 pixels. */
const HEIGHT = 690;

/** The lines of a long text that are kept together. */
const LINES = 10;

/** Return the slides without the stacks that contain them. */
function leaves(root) {
  return [...root.querySelectorAll("section")].filter(section => !section.querySelector("section"));
}

/** Split a cell into its text's blocks, or its input and outputs; each has the cell's frame. */
function parts(cell) {
  const text = cell.querySelector(".jp-RenderedMarkdown");
  const blocks = text
    ? [...text.children]
    : [...cell.querySelectorAll(".jp-Cell-inputWrapper, .jp-OutputArea-child")].flatMap(divide);
  return blocks.map(block => framed(cell, block));
}

/** Divide an output that is taller than a slide: HTML into its elements, text into some lines. */
function divide(block) {
  const output = block.querySelector(".jp-RenderedHTMLCommon, .jp-RenderedText");
  if (!output || block.getBoundingClientRect().height <= HEIGHT) return [block];
  const [first, ...others] = output.children;
  if (others.length) return [first, ...others];
  return first?.matches("pre:not(:has(*))") ? excerpts(first) : [block];
}

/** Replace a text by texts of a few lines each. */
function excerpts(text) {
  const lines = text.textContent.trimEnd().split("\n");
  const all = [];
  for (let line = 0; line < lines.length; line += LINES) {
    const excerpt = text.cloneNode(false);
    excerpt.textContent = lines.slice(line, line + LINES).join("\n");
    all.push(excerpt);
  }
  text.replaceWith(...all);
  return all;
}

/** Return the block inside copies of the elements between it and its cell. */
function framed(cell, block) {
  let inner = block;
  for (let outer = block.parentElement; ; outer = outer.parentElement) {
    const copy = outer.cloneNode(false);
    copy.append(inner);
    inner = copy;
    if (outer === cell) return inner;
  }
}

/** Draw a part smaller until it fits. */
function shrink(part) {
  const height = part.getBoundingClientRect().height;
  if (height > HEIGHT) part.style.zoom = HEIGHT / height;
}

/** Move what does not fit on a slide to new ones behind it. */
function fit(slide) {
  if (slide.scrollHeight <= HEIGHT) return;
  const all = [...slide.children].flatMap(parts);
  slide.replaceChildren();
  for (const part of all) {
    slide.append(part);
    if (slide.scrollHeight > HEIGHT && slide.children.length > 1) {
      const next = slide.cloneNode(false);
      slide.after(next);
      next.append(part);
      slide = next;
    }
    shrink(part);
  }
}

document.documentElement.classList.add("fitting");
for (const slide of leaves(document.querySelector(".reveal .slides"))) fit(slide);
document.documentElement.classList.remove("fitting");
