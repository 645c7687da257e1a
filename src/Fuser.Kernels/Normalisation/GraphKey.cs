using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// 128 bits that stand for a canonical text: the front of its SHA-256, so that no graph can be built to collide with another.
/// Whoever finds an entry by key still compares the text.
/// </summary>
internal readonly record struct GraphKey(UInt128 Bits)
{
    public static GraphKey Of(string canonicalText)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(canonicalText), hash);
        return new GraphKey(BinaryPrimitives.ReadUInt128BigEndian(hash));
    }

    public override string ToString() => Bits.ToString("x32");
}
