using System.Globalization;
using System.Security;
using System.Text;
using Fuser.Compare.Workloads;

namespace Fuser.Compare.Reports;

/// <summary>
/// Time relative to the memory limit at the largest size on all threads: a group of bars per workload, a bar per peer, on a logarithmic scale.
/// Shorter is better; 1 is as fast as memory.
/// </summary>
internal sealed class SvgChart
{
    private const int Width = 960;
    private const int Left = 275;
    private const int Right = 70;
    private const int Top = 96;
    private const int Bar = 9;
    private const int Gap = 12;
    private const double Least = 0.5;

    /// <summary>Distinguishable for most colour-blind readers; this runtime has the strong one.</summary>
    private static readonly string[] s_colours = ["#d55e00", "#56b4e9", "#009e73", "#b5a642", "#8da0cb", "#888888", "#444444", "#cc79a7"];

    private readonly StringBuilder _text = new();
    private readonly RunResult _result;
    private readonly List<PeerDescription> _peers;
    private readonly List<Workload> _workloads;
    private readonly long _size;
    private readonly int _threads;
    private readonly double _most;

    private SvgChart(RunResult result)
    {
        _result = result;
        _size = result.Cells.Select(cell => cell.Size).DefaultIfEmpty(0).Max();
        _threads = result.Cells.Select(cell => cell.Threads).DefaultIfEmpty(1).Max();
        _peers = [.. result.Peers.Where(peer => !peer.IsLimit && WorkloadCatalogue.All.Any(workload => Ratio(workload, peer) is not null))];
        _workloads = [.. WorkloadCatalogue.All.Where(workload => _peers.Exists(peer => Ratio(workload, peer) is not null))];
        var largest = _workloads.SelectMany(workload => _peers.Select(peer => Ratio(workload, peer) ?? 1)).DefaultIfEmpty(1).Max();
        _most = Math.Pow(10, Math.Ceiling(Math.Log10(Math.Max(largest, 10))));
    }

    public static string Of(RunResult result) => new SvgChart(result).Draw();

    private string Draw()
    {
        var groups = _workloads.ConvertAll(workload => _peers.Where(peer => Ratio(workload, peer) is not null).ToList());
        var height = Top + groups.Sum(group => (group.Count * Bar) + Gap) + 40;
        Line($"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{height}" viewBox="0 0 {Width} {height}" font-family="sans-serif" font-size="11">""");
        Line($"""<rect width="{Width}" height="{height}" fill="white"/>""");
        Line($"""<text x="16" y="24" font-size="16" font-weight="bold">Time relative to the memory limit: {_size:N0} elements, {_threads} threads</text>""");
        Line($"""<text x="16" y="42" fill="#555">{Escaped($"{_result.Machine.Processor}, commit {_result.Run.Commit}")}. Shorter is better; 1 is a loop that only moves the data. Logarithmic.</text>""");
        Legend();
        Axis(height - 30);
        var y = Top;
        for (var i = 0; i < groups.Count; i++)
        {
            y = Group(_workloads[i], groups[i], y);
        }

        return _text.Append("</svg>\n").ToString();
    }

    private void Legend()
    {
        var x = 16.0;
        foreach (var peer in _peers)
        {
            Line($"""<rect x="{x:0}" y="56" width="10" height="10" fill="{Colour(peer)}"/><text x="{x + 14:0}" y="65">{Escaped(peer.Title)}</text>""");
            x += 30 + (peer.Title.Length * 6.2);
        }
    }

    private void Axis(int bottom)
    {
        for (var power = 1.0; power <= _most; power *= 10)
        {
            foreach (var tick in new[] { power, power * 2, power * 5 }.Where(tick => tick <= _most))
            {
                var (x, strong) = (X(tick), tick == 1);
                Line($"""<line x1="{x:0.0}" y1="{Top - 8}" x2="{x:0.0}" y2="{bottom}" stroke="{(strong ? "#222" : "#ddd")}"{(strong ? " stroke-dasharray=\"4 3\"" : "")}/>""");
                Line($"""<text x="{x:0.0}" y="{Top - 12}" text-anchor="middle" fill="#555">{tick:0}</text>""");
            }
        }
    }

    private int Group(Workload workload, List<PeerDescription> peers, int y)
    {
        var middle = y + (peers.Count * Bar / 2) + 4;
        Line($"""<text x="{Left - 10}" y="{middle}" text-anchor="end"><tspan font-weight="bold">{workload.Id}</tspan> {Escaped(workload.Formula)}</text>""");
        foreach (var peer in peers)
        {
            var ratio = Ratio(workload, peer)!.Value;
            var end = X(Math.Max(ratio, Least));
            Line($"""<rect x="{Left}" y="{y}" width="{Math.Max(end - Left, 1):0.0}" height="{Bar - 1}" fill="{Colour(peer)}"><title>{Escaped($"{workload.Id}, {peer.Title}: {MarkdownReport.Number(ratio)} times the limit")}</title></rect>""");
            Line($"""<text x="{end + 3:0.0}" y="{y + Bar - 1}" font-size="9"{(peer.IsRuntime ? " font-weight=\"bold\"" : " fill=\"#555\"")}>{MarkdownReport.Number(ratio)}</text>""");
            y += Bar;
        }

        return y + Gap;
    }

    private double? Ratio(Workload workload, PeerDescription peer) =>
        _result.Find(workload.Id, _size, _threads, peer.Name)?.Nanoseconds?.Median / _result.Limit(workload.Id, _size, _threads)?.Nanoseconds?.Median;

    private double X(double ratio) => Left + ((Width - Left - Right) * Math.Log(ratio / Least) / Math.Log(_most / Least));

    private string Colour(PeerDescription peer) => s_colours[_result.Peers.Where(known => !known.IsLimit).TakeWhile(known => known.Name != peer.Name).Count() % s_colours.Length];

    private void Line(FormattableString text) => _text.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Escaped(string text) => SecurityElement.Escape(text);
}
