using Fuser.Host.Npz;
using Fuser.Kernels.Tensors;

namespace Fuser.LoadTests.Targets;

/// <summary>Reads whatever arrays are in an .npz stream; every checksum is looked at.</summary>
internal static class NpzArrays
{
    public static async Task<IReadOnlyList<(string Name, NdArray Array)>> ReadAsync(Stream stream, CancellationToken cancellationToken) =>
        [.. (await NpzReader.ReadAsync(stream, new Everything(), cancellationToken).ConfigureAwait(false)).Select(entry => (entry.Name, entry.Array))];

    private sealed class Everything : INpzAudience
    {
        public int MaxExpansion => 1;

        public void Claim(long bytes)
        {
        }

        public void Accept(string name)
        {
        }
    }
}
