// One picture of the body map: what lies where on it. Comes before body_map.js.

// Places are kept in thousandths of the picture's width and height, and drawn in its units.
const THOUSAND = 1000;
const FINGER = 12; // how far beside a region a tap on nothing still means it, in pixels: an arm is narrower than a finger
// A picture out of sight is not drawn, and its regions would say that nothing lies in them: a sheet of their own answers.
const PAPER = document.createElement("canvas").getContext("2d");

class View {
  constructor(box) {
    this.box = box;
    this.code = box.dataset.view;
    this.svg = box.querySelector("svg");
    this.list = box.querySelector("[data-regions]");
    this.marks = box.querySelector("[data-marks]");
    this.regions = [...this.list.children];
    this.shapes = new Map(this.regions.map((region) => [region, new Path2D(region.getAttribute("d"))]));
    this.size = Number(this.svg.dataset.size);
    this.scale = [this.svg.dataset.width / THOUSAND, this.svg.dataset.height / THOUSAND];
  }
  units([x, y]) { return [x * this.scale[0], y * this.scale[1]]; }
  thousandths([x, y]) { return [Math.round(x / this.scale[0]), Math.round(y / this.scale[1])]; }
  middle(region) { return [Number(region.dataset.x), Number(region.dataset.y)]; }
  holds(region, point) { return PAPER.isPointInPath(this.shapes.get(region), ...this.units(point)); }
  at(point) { return this.regions.find((region) => this.holds(region, point)); }
  find(site, side) { return this.regions.find((region) => region.dataset.site === site && region.dataset.side === side); }
  area(site, side) {
    const found = (side === "both" ? ["left", "right"] : [side]).map((one) => this.find(site, one));
    return found.every(Boolean) ? found : [];
  }
  where({ clientX, clientY }) {
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return this.thousandths([x, y]);
  }
  // The nearest place on a region, for a tap beside all of them; undefined where there is none within a finger.
  near({ clientX, clientY }) {
    for (let far = 2; far <= FINGER; far += 2) {
      for (let turn = 0; turn < 2 * Math.PI; turn += Math.PI / 8) {
        const point = this.where({ clientX: clientX + far * Math.cos(turn), clientY: clientY + far * Math.sin(turn) });
        if (this.at(point)) return point;
      }
    }
    return undefined;
  }
}
