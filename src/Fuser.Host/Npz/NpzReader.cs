using System.Buffers.Binary;
using System.Collections.Immutable;
using Fuser.Host.Npy;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Npz;

/// <summary>One array of an .npz stream.</summary>
/// <param name="Name">Its name, without .npy.</param>
internal sealed record NpzArray(string Name, NdArray Array);

/// <summary>What reading may cost, and which arrays are wanted.</summary>
internal interface INpzAudience
{
    /// <summary>How many times its compressed size an array may have, beyond the first 16 MiB.</summary>
    int MaxExpansion { get; }

    /// <summary>Called before the data of an entry are looked at; throws when nobody wants an array of that name, or another one.</summary>
    void Accept(string name);

    /// <summary>Called before memory is taken; throws when there shall be no more.</summary>
    void Claim(long bytes);
}

/// <summary>
/// Reads arrays from an .npz stream as it arrives: a ZIP archive of .npy files, stored or deflated, with or without zip64 and data descriptors, as
/// <c>numpy.savez</c> and <c>savez_compressed</c> write them to files and to pipes. Array data go straight to where they stay. Nothing is trusted: memory is
/// claimed before it is taken, every checksum is verified, and the directory at the end must agree with what was read.
/// </summary>
internal static class NpzReader
{
    private const uint EntrySignature = 0x04034b50;
    private const int PieceBytes = 1 << 30;

    /// <summary>Reads to the end of the stream, which is left open.</summary>
    /// <exception cref="InputException">The stream is no well-formed .npz file.</exception>
    public static async Task<ImmutableArray<NpzArray>> ReadAsync(Stream stream, INpzAudience audience, CancellationToken cancellationToken)
    {
        using var source = new ByteSource(stream);
        var entries = new List<ZipEntry>();
        var arrays = ImmutableArray.CreateBuilder<NpzArray>();
        await CheckStartAsync(source, cancellationToken).ConfigureAwait(false);
        while (await NextAsync(source, cancellationToken).ConfigureAwait(false) is { } entry)
        {
            var name = entry.Name[..^".npy".Length];
            audience.Accept(name);
            using var content = new EntryContent(source, entry, audience.MaxExpansion);
            arrays.Add(new NpzArray(name, await ReadArrayAsync(content, name, audience, cancellationToken).ConfigureAwait(false)));
            entries.Add(await content.EndAsync(cancellationToken).ConfigureAwait(false));
        }

        await ZipDirectory.CheckAsync(source, entries, cancellationToken).ConfigureAwait(false);
        return arrays.ToImmutable();
    }

    private static async ValueTask CheckStartAsync(ByteSource source, CancellationToken cancellationToken)
    {
        var available = await source.LookAheadAsync(4, cancellationToken).ConfigureAwait(false);
        var start = source.Buffered.Span;
        if (available < 4 || start[0] != (byte)'P' || start[1] != (byte)'K')
        {
            throw NpzError.At(0, available == 0 ? "it is empty" : start[0] == 0x93 ? "it is a single array as numpy.save writes it" : "it does not start with PK, as ZIP archives do");
        }
    }

    /// <summary>Takes the header of the next entry; null when the directory begins instead.</summary>
    private static async ValueTask<ZipEntry?> NextAsync(ByteSource source, CancellationToken cancellationToken)
    {
        var available = await source.LookAheadAsync(4, cancellationToken).ConfigureAwait(false);
        if (available >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(source.Buffered.Span) != EntrySignature)
        {
            return null;
        }

        available = await source.LookAheadAsync(ZipEntry.HeaderLength, cancellationToken).ConfigureAwait(false);
        if (available < ZipEntry.HeaderLength)
        {
            throw NpzError.At(source.Position, "it ends where an entry or the directory was wanted; it is truncated");
        }

        var length = ZipEntry.HeaderLength + ZipEntry.VariableLength(source.Buffered.Span, source.Position);
        if (await source.LookAheadAsync(length, cancellationToken).ConfigureAwait(false) < length)
        {
            throw NpzError.At(source.Position, "it ends in the middle of an entry's header; it is truncated");
        }

        var entry = ZipEntry.Parse(source.Buffered.Span[..length], source.Position);
        source.Skip(length);
        return entry;
    }

    private static async ValueTask<NdArray> ReadArrayAsync(EntryContent content, string name, INpzAudience audience, CancellationToken cancellationToken)
    {
        var start = new byte[NpyStart.MaxLength];
        await content.ReadExactlyAsync(start.AsMemory(0, NpyStart.FixedLength), cancellationToken).ConfigureAwait(false);
        await content.ReadExactlyAsync(start.AsMemory(NpyStart.FixedLength, NpyStart.LengthBytes(start, name)), cancellationToken).ConfigureAwait(false);
        var text = new byte[NpyStart.HeaderLength(start, name)];
        await content.ReadExactlyAsync(text, cancellationToken).ConfigureAwait(false);
        var header = NpyStart.ParseHeader(start, text, name);
        var layout = NpyReader.Describe(header, name);

        var bytes = layout.ElementCount * header.Element.DType.ItemSize();
        content.Expect(bytes);
        audience.Claim(bytes);
        var array = NdArray.Allocate(header.Element.DType, header.Shape);
        for (long done = 0; done < bytes; done += PieceBytes)
        {
            await content.ReadExactlyAsync(ArrayBytes.Of(array, done, (int)Math.Min(PieceBytes, bytes - done)), cancellationToken).ConfigureAwait(false);
        }

        NpyReader.MakeNative(array, header.Element);
        return header.FortranOrder ? array.WithLayout(layout) : array;
    }
}
