using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Fuser.Host.Configuration;
using Fuser.Host.Npz;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Cluster;

/// <summary>
/// Arrays that others may fetch, by the SHA-256 of their elements. Whoever knows it was told by the owner: it cannot be guessed. Each is held until its time is over, or
/// until whoever put it there takes it back; together they take no more memory than allowed.
/// </summary>
internal sealed class HeldArrays(ClusterOptions options, TimeProvider time)
{
    /// <summary>Looking through all of them for what is over costs more than holding it for a moment longer.</summary>
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private DateTimeOffset _nextSweep;
    private long _bytes;

    /// <summary>Memory of the arrays held.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Holds an array, which is row-major, and does not change while it is held.</summary>
    /// <returns>The hash of its elements.</returns>
    /// <exception cref="HostException">There is no room.</exception>
    public byte[] Hold(NdArray array)
    {
        var length = array.ElementCount * array.DType.ItemSize();
        var hash = Hash(array, length);
        var key = Convert.ToHexStringLower(hash);
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var known))
            {
                _entries[key] = known with { Holders = known.Holders + 1, Until = time.GetUtcNow() + options.HoldFor };
                return hash;
            }

            DropExpired();
            if (length > options.MaxHeldBytes - _bytes)
            {
                throw new HostException(
                    ErrorCodes.ClusterTransfer,
                    $"an array of {length} bytes cannot be held for others to fetch: {_bytes} of {options.MaxHeldBytes} bytes are in use. Come again later, split the work, or raise fuser.cluster.max-held-bytes.");
            }

            _entries.Add(key, new Entry(array, length, 1, time.GetUtcNow() + options.HoldFor));
            _bytes += length;
        }

        return hash;
    }

    /// <summary>Takes one hold back.</summary>
    public void Release(ReadOnlySpan<byte> hash)
    {
        var key = Convert.ToHexStringLower(hash);
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var entry))
            {
                if (entry.Holders > 1)
                {
                    _entries[key] = entry with { Holders = entry.Holders - 1 };
                }
                else
                {
                    Remove(key, entry);
                }
            }
        }
    }

    /// <summary>The array of that hash, in hexadecimal.</summary>
    public bool TryFind(string key, [NotNullWhen(true)] out NdArray? array, out long length)
    {
        lock (_lock)
        {
            var entry = _entries.GetValueOrDefault(key);
            (array, length) = entry is not null && entry.Until > time.GetUtcNow() ? (entry.Array, entry.Length) : (null, 0);
            return array is not null;
        }
    }

    private void DropExpired()
    {
        var now = time.GetUtcNow();
        if (now < _nextSweep)
        {
            return;
        }

        _nextSweep = now + SweepInterval;
        foreach (var (key, entry) in _entries.Where(entry => entry.Value.Until <= now).ToList())
        {
            Remove(key, entry);
        }
    }

    private void Remove(string key, Entry entry)
    {
        _entries.Remove(key);
        _bytes -= entry.Length;
    }

    private static byte[] Hash(NdArray array, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var piece in Pieces(array, length))
        {
            hash.AppendData(piece.Span);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>The elements of a row-major array in pieces that streams take.</summary>
    public static IEnumerable<Memory<byte>> Pieces(NdArray array, long length)
    {
        const int Most = 1 << 20;
        for (long done = 0; done < length; done += Most)
        {
            yield return ArrayBytes.Of(array, done, (int)Math.Min(Most, length - done));
        }
    }

    private sealed record Entry(NdArray Array, long Length, int Holders, DateTimeOffset Until);
}
