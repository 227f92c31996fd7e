// chart.js: the two charts of a provider, drawn by dygraphs: a window so far with what is expected, and days as bars.
// SPDX-License-Identifier: MIT

import "./dygraph.min.js";
import {DAY, clock} from "./words.js";

const Dygraph = window.Dygraph;
const REDRAW_MS = 10000; // that long "now" may stand still
const NARROW = 420;      // pixels, with room for half the words

// Its legend sets styles as HTML, which the content security policy forbids; the charts say their numbers beside them.
Dygraph.PLUGINS = Dygraph.PLUGINS.filter(plugin => plugin !== Dygraph.Plugins.Legend);

const color = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

const PLAIN = {
    interactionModel: {}, highlightCircleSize: 0, axisLabelFontSize: 12, gridLineWidth: 1, axisLineWidth: 1, xRangePad: 0,
    drawHighlightPointCallback: () => {},
};

// Makes the chart, or gives it other data; one that would look the same, by what its look depends on, is left alone.
function draw(div, look, rows, options) {
    const words = JSON.stringify([look, div.clientWidth, color("bar")]);
    if (div.words === words || !div.clientWidth)
        return;
    div.words = words;
    const all = {
        ...PLAIN, gridLineColor: color("line"), axisLineColor: color("line"), width: div.clientWidth, height: div.clientHeight,
        ...options,
    };
    if (div.graph) {
        div.graph.updateOptions({...all, file: rows});
        div.graph.resize();
    } else {
        div.graph = new Dygraph(div, rows, all);
    }
}

function line(context, area, y, words) {
    context.save();
    context.strokeStyle = context.fillStyle = color("dim");
    context.setLineDash([4, 4]);
    context.beginPath();
    context.moveTo(area.x, y);
    context.lineTo(area.x + area.w, y);
    context.stroke();
    context.font = "12px system-ui, sans-serif";
    context.fillText(words, area.x + 4, y - 4);
    context.restore();
}

// An amount far above all that was used would make a flat line of it; then the chart has its own height. Below 4 the axis
// would name fractions of a token.
const height = (most, top) => Math.max(4, top && top < most * 3 ? Math.max(most, top) : most || top || 0) * 1.1;

const yAxis = say => ({axisLabelFormatter: n => say(Math.max(0, n)), axisLabelWidth: 56, pixelsPerLabel: 36});

// A window from start to end: what was seen of it, and from now on a line to where it ends, with its band.
export function path(div, of) {
    const nothing = [null, null, null], flat = n => [n, n, n];
    const rows = [[new Date(of.start), flat(0), nothing], ...of.seen.map(([at, n]) => [new Date(at), flat(n), nothing])];
    rows.push([new Date(of.now), flat(of.value), of.ends === undefined ? nothing : flat(of.value)]);
    if (of.ends !== undefined)
        rows.push([new Date(of.end), nothing, [of.band?.low ?? of.ends, of.ends, of.band?.high ?? of.ends]]);
    const most = height(Math.max(of.value, of.ends ?? 0, of.band?.high ?? 0), of.top);
    const ticks = () => (div.clientWidth < NARROW ? [0, 2] : [0, 1, 2, 3]).map(i => {
        const v = of.start + (of.end - of.start) * i / 4;
        return {v, label: clock(v, of.now)};
    });
    const look = [of.start, of.end, most, of.top, of.value, of.band, of.seen.length, Math.floor(of.now / REDRAW_MS)];
    draw(div, look, rows, {
        labels: ["time", "used", "expected"], customBars: true, fillAlpha: 0.18, connectSeparatedPoints: false,
        series: {
            used: {color: color("bar"), strokeWidth: 2.5},
            expected: {color: color("bar"), strokeWidth: 2, strokePattern: [6, 4]},
        },
        dateWindow: [of.start, of.end], valueRange: [0, most],
        axes: {x: {ticker: ticks, axisLabelWidth: 76}, y: yAxis(of.say)},
        underlayCallback: (context, area, graph) => {
            if (of.top && of.top <= most)
                line(context, area, graph.toDomYCoord(of.top), of.say(of.top));
        },
    });
}

// One bar for each row; what is expected of today is pale.
function plotBars(plot) {
    const context = plot.drawingContext, bottom = plot.dygraph.toDomYCoord(0);
    const wide = Math.max(2, plot.plotArea.w / 14 * 0.7);
    context.fillStyle = plot.color;
    for (const point of plot.points)
        if (!Number.isNaN(point.canvasy))
            context.fillRect(point.canvasx - wide / 2, point.canvasy, wide, bottom - point.canvasy);
}

export function bars(div, {rows, budget, say}) {
    const most = height(Math.max(1, ...rows.map(row => Math.max(row.used ?? 0, row.ends ?? 0))), budget);
    const data = rows.map(row => [new Date(row.at), row.ends ?? null, row.used ?? null]);
    const step = div.clientWidth < NARROW ? 4 : 2;
    const named = rows.filter((row, i) => i % step === (rows.length - 1) % step);
    const ticks = () => named.map(row => ({v: row.at, label: row.name}));
    draw(div, [rows, budget], data, {
        labels: ["day", "expected", "used"], plotter: plotBars,
        series: {used: {color: color("bar")}, expected: {color: color("pale")}},
        dateWindow: [rows[0].at - DAY / 2, rows.at(-1).at + DAY / 2], valueRange: [0, most],
        axes: {x: {ticker: ticks, axisLabelWidth: 56, drawGrid: false}, y: yAxis(say)},
        underlayCallback: (context, area, graph) => {
            if (budget && budget <= most)
                line(context, area, graph.toDomYCoord(budget), "budget " + say(budget));
        },
    });
}
