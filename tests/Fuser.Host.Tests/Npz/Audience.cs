using Fuser.Host.Npz;
using Fuser.Kernels;

namespace Fuser.Host.Tests.Npz;

/// <summary>Takes every array, up to a number of bytes.</summary>
internal sealed class Audience(long maxBytes = 1 << 26, int maxExpansion = 200) : INpzAudience
{
    public int MaxExpansion => maxExpansion;

    public long Claimed { get; private set; }

    public List<string> Names { get; } = [];

    public void Accept(string name) => Names.Add(name);

    public void Claim(long bytes)
    {
        Claimed += bytes;
        if (Claimed > maxBytes)
        {
            throw new InputException(ErrorCodes.SizeLimit, $"{Claimed} bytes are too many");
        }
    }
}
