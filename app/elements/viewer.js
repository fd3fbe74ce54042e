// The current image: wheel or buttons zoom, dragging moves, a double click fits or enlarges.
const views = new WeakMap();

function create(root) {
  const frame = root.querySelector(".frame");
  const image = root.querySelector("img");
  const view = { frame, image, scale: 1, x: 0, y: 0, id: null };
  view.draw = () => {
    const roomX = Math.max(0, (image.clientWidth * view.scale - frame.clientWidth) / 2);
    const roomY = Math.max(0, (image.clientHeight * view.scale - frame.clientHeight) / 2);
    view.x = Math.min(roomX, Math.max(-roomX, view.x));
    view.y = Math.min(roomY, Math.max(-roomY, view.y));
    image.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    frame.classList.toggle("zoomed", view.scale > 1);
    root.querySelector(".level").textContent = view.scale === 1 ? "Fit" : Math.round(view.scale * 100) + " %";
  };
  view.zoom = (factor, atX = 0, atY = 0) => {
    const next = Math.min(10, Math.max(1, view.scale * factor));
    const ratio = next / view.scale;
    view.x = atX - (atX - view.x) * ratio;
    view.y = atY - (atY - view.y) * ratio;
    view.scale = next;
    view.draw();
  };
  view.fit = () => { view.scale = 1; view.x = 0; view.y = 0; view.draw(); };
  const offset = (event) => {
    const box = frame.getBoundingClientRect();
    return [event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2];
  };
  frame.addEventListener("wheel", (event) => {
    // A plain wheel scrolls the page, as everywhere; zoomed in, or with Ctrl (a pinch), it zooms.
    if (!event.ctrlKey && view.scale === 1) return;
    event.preventDefault();
    view.zoom(Math.exp(-event.deltaY / 400), ...offset(event));
  }, { passive: false });
  frame.addEventListener("dblclick", (event) => {
    if (event.target.closest(".tools")) return;
    if (view.scale > 1) view.fit();
    else view.zoom(2.5, ...offset(event));
  });
  frame.addEventListener("pointerdown", (event) => {
    if (view.scale === 1 || event.button !== 0 || event.target.closest(".tools")) return;
    frame.setPointerCapture(event.pointerId);
    view.drag = [event.clientX - view.x, event.clientY - view.y];
  });
  frame.addEventListener("pointermove", (event) => {
    if (!view.drag) return;
    view.x = event.clientX - view.drag[0];
    view.y = event.clientY - view.drag[1];
    view.draw();
  });
  const drop = () => { view.drag = null; };
  frame.addEventListener("pointerup", drop);
  frame.addEventListener("pointercancel", drop);
  root.querySelector("[data-do='in']").onclick = () => view.zoom(1.5);
  root.querySelector("[data-do='out']").onclick = () => view.zoom(1 / 1.5);
  root.querySelector("[data-do='fit']").onclick = view.fit;
  return view;
}

export default function ({ data, parentElement }) {
  let view = views.get(parentElement);
  if (!view) {
    view = create(parentElement);
    views.set(parentElement, view);
  }
  view.frame.style.height = data.height;
  view.frame.classList.toggle("empty", !data.src);
  view.frame.querySelector("p").textContent = data.instead;
  if (view.src !== data.src) {
    view.src = data.src;
    view.image.src = data.src;
  }
  view.image.alt = data.alt;
  if (view.id === data.id) return;
  view.id = data.id;
  view.fit();
}
