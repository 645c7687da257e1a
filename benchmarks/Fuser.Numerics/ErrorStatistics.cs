namespace Fuser.Numerics;

/// <summary>The largest error met, where, and how many results were not the nearest float32.</summary>
internal sealed class ErrorStatistics
{
    public double Largest { get; private set; }

    public float X { get; private set; }

    public float Y { get; private set; }

    public long Misrounded { get; private set; }

    public long Count { get; private set; }

    public void Add(ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> results, ReadOnlySpan<double> truth)
    {
        var largest = Largest;
        var misrounded = 0;
        for (var i = 0; i < results.Length; i++)
        {
            var error = UlpError.Of(results[i], truth[i]);
            misrounded += error > 0.5 ? 1 : 0;
            if (error > largest)
            {
                largest = error;
                X = x[i];
                Y = y.IsEmpty ? 0 : y[i];
            }
        }

        Largest = largest;
        Misrounded += misrounded;
        Count += results.Length;
    }

    public void Add(ErrorStatistics other)
    {
        if (other.Largest > Largest)
        {
            (Largest, X, Y) = (other.Largest, other.X, other.Y);
        }

        Misrounded += other.Misrounded;
        Count += other.Count;
    }
}
