using System.Globalization;
using System.Security;
using System.Text;
using Fuser.LoadTests.Scenarios;

namespace Fuser.LoadTests.Reports;

/// <summary>Latency of every series, on a logarithmic scale: by percentile at half its knee on the left, and at p50 and p99 by rate on the right, up to and over the knee.</summary>
internal sealed class SvgChart
{
    private const int Width = 1080;
    private const int PanelWidth = 420;
    private const int PanelHeight = 260;
    private const int Left = 70;
    private const int Gap = 90;
    private const int LegendLine = 16;

    /// <summary>Distinguishable for most colour-blind readers.</summary>
    private static readonly string[] Colours = ["#d55e00", "#0072b2", "#009e73", "#b5a642", "#cc79a7", "#56b4e9", "#444444"];

    private readonly StringBuilder _text = new();
    private readonly ScenarioResult _result;
    private readonly List<Series> _series;
    private readonly int _top;
    private readonly double _lowest;
    private readonly double _highest;

    private SvgChart(ScenarioResult result)
    {
        _result = result;
        _series = [.. result.Series.Where(series => series.Main?.Latency.Count > 0)];
        _top = 50 + (_series.Count * LegendLine);
        var values = _series.SelectMany(series => series.Runs.Append(series.Main!)).Where(run => run.Latency.Count > 0)
            .SelectMany(run => LoadReport.Quantiles.Select(quantile => Math.Log10(Math.Max(1, run.Latency.Quantile(quantile))))).DefaultIfEmpty(6).ToList();
        (_lowest, _highest) = (Math.Floor(values.Min()), Math.Max(Math.Floor(values.Min()) + 1, Math.Ceiling(values.Max())));
    }

    public static string Of(ScenarioResult result) => new SvgChart(result).Draw();

    private string Draw()
    {
        var height = _top + PanelHeight + 60;
        Line($"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{height}" viewBox="0 0 {Width} {height}" font-family="sans-serif" font-size="11">""");
        Line($"""<rect width="{Width}" height="{height}" fill="white"/>""");
        Line($"""<text x="16" y="24" font-size="15" font-weight="bold">{Escaped(_result.Scenario)}: latency from when a request was due</text>""");
        for (var i = 0; i < _series.Count; i++)
        {
            var knee = _series[i].Held is { } held ? $", knee at {MarkdownReport.Rate(held)}/s, percentiles at {MarkdownReport.Rate(_series[i].Main!.Rate)}/s" : $", {MarkdownReport.Rate(_series[i].Main!.Rate)}/s";
            Line($"""<rect x="16" y="{36 + (i * LegendLine)}" width="10" height="10" fill="{Colour(i)}"/><text x="32" y="{45 + (i * LegendLine)}">{Escaped(_series[i].Name + knee)}</text>""");
        }

        Grid(Left);
        Percentiles(Left);
        if (_series.Exists(series => series.Runs.Count > 1))
        {
            Grid(Left + PanelWidth + Gap);
            Rates(Left + PanelWidth + Gap);
        }

        return _text.Append("</svg>\n").ToString();
    }

    private void Grid(int left)
    {
        for (var power = _lowest; power <= _highest; power++)
        {
            var y = Y(Math.Pow(10, power));
            Line($"""<line x1="{left}" x2="{left + PanelWidth}" y1="{y:0.#}" y2="{y:0.#}" stroke="#ddd"/><text x="{left - 6}" y="{y + 4:0.#}" text-anchor="end" fill="#555">{Unit(power)}</text>""");
        }
    }

    private void Percentiles(int left)
    {
        var quantiles = LoadReport.Quantiles;
        double X(int quantile) => left + ((quantile + 0.5) * PanelWidth / quantiles.Count);
        for (var i = 0; i < quantiles.Count; i++)
        {
            Line($"""<text x="{X(i):0.#}" y="{_top + PanelHeight + 18}" text-anchor="middle" fill="#555">p{quantiles[i] * 100:0.##}</text>""");
        }

        Line($"""<text x="{left + (PanelWidth / 2)}" y="{_top + PanelHeight + 38}" text-anchor="middle">percentile</text>""");
        for (var i = 0; i < _series.Count; i++)
        {
            Curve(i, Enumerable.Range(0, quantiles.Count).Select(q => (X(q), (double)_series[i].Main!.Latency.Quantile(quantiles[q]))), "");
        }
    }

    private void Rates(int left)
    {
        var rates = _series.SelectMany(series => series.Runs).Select(run => Math.Log10(Math.Max(run.Rate, 1e-3))).ToList();
        var (from, to) = (Math.Floor(rates.Min()), Math.Max(Math.Floor(rates.Min()) + 1, Math.Ceiling(rates.Max())));
        double X(double rate) => left + ((Math.Log10(Math.Max(rate, 1e-3)) - from) / (to - from) * PanelWidth);
        for (var power = from; power <= to; power++)
        {
            Line($"""<text x="{X(Math.Pow(10, power)):0.#}" y="{_top + PanelHeight + 18}" text-anchor="middle" fill="#555">{Count(power)}</text>""");
        }

        Line($"""<text x="{left + (PanelWidth / 2)}" y="{_top + PanelHeight + 38}" text-anchor="middle">requests a second: p50 whole, p99 dashed, the knee dotted</text>""");
        for (var i = 0; i < _series.Count; i++)
        {
            var runs = _series[i].Runs.Where(run => run.Latency.Count > 0).GroupBy(run => run.Rate).Select(same => same.Last()).OrderBy(run => run.Rate).ToList();
            Curve(i, runs.Select(run => (X(run.Rate), (double)run.Latency.Quantile(0.5))), "");
            Curve(i, runs.Select(run => (X(run.Rate), (double)run.Latency.Quantile(0.99))), "5 3");
            if (_series[i].Held is { } held and > 0)
            {
                Line($"""<line x1="{X(held):0.#}" x2="{X(held):0.#}" y1="{_top}" y2="{_top + PanelHeight}" stroke="{Colour(i)}" stroke-dasharray="1 3"/>""");
            }
        }
    }

    private void Curve(int series, IEnumerable<(double X, double Nanoseconds)> points, string dashes)
    {
        var text = string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.#},{Y(point.Nanoseconds):0.#}")));
        Line($"""<polyline fill="none" stroke="{Colour(series)}" stroke-width="2" stroke-dasharray="{(dashes.Length == 0 ? "none" : dashes)}" points="{text}"/>""");
    }

    private double Y(double nanoseconds) => _top + PanelHeight - ((Math.Log10(Math.Max(1, nanoseconds)) - _lowest) / (_highest - _lowest) * PanelHeight);

    private static string Colour(int series) => Colours[series % Colours.Length];

    private static string Count(double power) => power switch
    {
        < 3 => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, power):0.###}"),
        < 6 => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, power - 3):0}k"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, power - 6):0}M"),
    };

    private static string Unit(double power) => power switch
    {
        < 3 => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, power):0} ns"),
        < 6 => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, power - 3):0} us"),
        < 9 => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, power - 6):0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, power - 9):0} s"),
    };

    private void Line(FormattableString text) => _text.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Escaped(string text) => SecurityElement.Escape(text);
}
