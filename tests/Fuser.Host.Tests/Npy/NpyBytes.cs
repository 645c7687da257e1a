using System.Text;

namespace Fuser.Host.Tests.Npy;

/// <summary>Writes .npy bytes by hand, right and wrong ones, so that reader and writer are not only tested against each other.</summary>
internal static class NpyBytes
{
    public static byte[] File(string header, ReadOnlySpan<byte> data, byte major = 1)
    {
        var text = major == 3 ? Encoding.UTF8.GetBytes(header) : Encoding.Latin1.GetBytes(header);
        byte[] length = major == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, major, 0, .. length, .. text, .. data];
    }

    public static string Header(string descr, string shape, bool fortranOrder = false) =>
        $"{{'descr': '{descr}', 'fortran_order': {(fortranOrder ? "True" : "False")}, 'shape': {shape}, }}          \n";

    public static byte[] BigEndian<T>(params T[] values)
        where T : unmanaged
    {
        var size = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            bytes.AsSpan(i * size, size).Reverse();
        }

        return bytes;
    }

    public static byte[] LittleEndian<T>(params T[] values)
        where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
}
