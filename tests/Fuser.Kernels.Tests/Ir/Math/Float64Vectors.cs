using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Fuser.Kernels.Tests.Ir.Math;

/// <summary>The correctly rounded results that <c>Vectors/generate.py</c> wrote: columns of arguments, then the result.</summary>
internal static class Float64Vectors
{
    private static readonly string Root = FindRoot();

    public static (double[][] Arguments, double[] Expected) Read(string name)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Root, name + ".npy"));
        var values = MemoryMarshal.Cast<byte, double>(bytes.AsSpan(10 + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8))));
        var columns = name is "pow" or "hypot" or "atan2" or "logaddexp" ? 3 : 2;
        var table = new double[columns][];
        for (var column = 0; column < columns; column++)
        {
            table[column] = new double[values.Length / columns];
            for (var row = 0; row < table[column].Length; row++)
            {
                table[column][row] = values[(row * columns) + column];
            }
        }

        return (table[..^1], table[^1]);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "tests", "Fuser.Kernels.Tests", "Vectors", "Float64");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException("tests/Fuser.Kernels.Tests/Vectors/Float64 is in none of the folders above the test assembly.");
    }
}
