using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Fuser.Host.Telemetry;

/// <summary>How a metric's values go together.</summary>
internal enum MetricKind
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>A distribution.</summary>
    Histogram,
}

/// <summary>One instrument and its series, a bounded number of them.</summary>
internal sealed class MetricInstrument
{
    /// <summary>For histograms that do not say theirs: OpenTelemetry's, in seconds.</summary>
    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly ConcurrentDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly Instrument _instrument;
    private readonly int _maxSeries;
    private readonly Action _onDropped;

    /// <summary>Whether a measurement is the value itself, and not a change of it.</summary>
    private readonly bool _isLastValue;

    /// <param name="onDropped">Called for each measurement that has no room.</param>
    public MetricInstrument(Instrument instrument, int maxSeries, Action onDropped)
    {
        _instrument = instrument;
        _maxSeries = maxSeries;
        _onDropped = onDropped;
        var name = instrument.GetType().Name;
        Kind = name.StartsWith("Histogram", StringComparison.Ordinal) ? MetricKind.Histogram
            : name.StartsWith("Counter", StringComparison.Ordinal) || name.StartsWith("ObservableCounter", StringComparison.Ordinal) ? MetricKind.Counter
            : MetricKind.Gauge;
        _isLastValue = name.StartsWith("Gauge", StringComparison.Ordinal);
        Bounds = Kind == MetricKind.Histogram ? BoundsOf(instrument) : null;
        Name = PrometheusName.Of(instrument.Name, instrument.Unit, Kind == MetricKind.Counter);
    }

    public string Name { get; }

    public string Help => _instrument.Description ?? "";

    public MetricKind Kind { get; }

    public double[]? Bounds { get; }

    /// <summary>Takes one measurement.</summary>
    /// <param name="generation">Number of the collection it belongs to, for instruments that are observed.</param>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, long generation)
    {
        var labels = PrometheusName.Labels([.. _instrument.Meter.Tags ?? [], .. _instrument.Tags ?? [], .. tags]);
        if (!_series.TryGetValue(labels, out var series))
        {
            if (_series.Count >= _maxSeries)
            {
                _onDropped();
                return;
            }

            series = _series.GetOrAdd(labels, static (_, bounds) => new MetricSeries(bounds), Bounds);
        }

        if (_instrument.IsObservable)
        {
            series.Observe(value, generation);
        }
        else if (_isLastValue)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    /// <summary>Series to show; what was not reported in this collection is gone.</summary>
    public IEnumerable<(string Labels, MetricSeries Series)> Current(long generation)
    {
        foreach (var (labels, series) in _series)
        {
            if (_instrument.IsObservable && series.Generation != generation)
            {
                _series.TryRemove(labels, out _);
            }
            else
            {
                yield return (labels, series);
            }
        }
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> histogram => [.. histogram.Advice?.HistogramBucketBoundaries ?? DefaultBounds],
        Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries is { } bounds ? [.. bounds.Select(bound => (double)bound)] : DefaultBounds,
        _ => DefaultBounds,
    };
}
