namespace Fuser.Compare.Measuring;

/// <summary>Several measurements of one thing: the middle one and how far the others lie from it.</summary>
internal sealed record Summary(double Median, double Low, double High, int Count)
{
    /// <summary>For an even number the mean of the two in the middle.</summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static Summary Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0
            ? throw new ArgumentException("a summary needs a value", nameof(values))
            : new Summary((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1], sorted.Length);
    }

    public Summary DividedBy(double divisor) => new(Median / divisor, Low / divisor, High / divisor, Count);
}
