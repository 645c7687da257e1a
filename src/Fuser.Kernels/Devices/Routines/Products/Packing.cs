using System.Runtime.CompilerServices;

namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>Copies part of an operand into the order in which the inner loop reads it. Moves elements only, so their type is their size.</summary>
internal static unsafe class Packing
{
    /// <summary>Writes panels of <paramref name="width"/> lines: within one, for each term the elements of its lines; the last is filled up with zeros.</summary>
    /// <param name="lines">Offsets of the rows or columns.</param>
    /// <param name="terms">Offsets of the terms, in the order of the inner loop.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack<T>(T* source, long* lines, int lineCount, int width, long* terms, int depth, T* panels)
        where T : unmanaged
    {
        for (var first = 0; first < lineCount; first += width)
        {
            var count = Math.Min(width, lineCount - first);
            if (count == width && ProductOffsets.AreConsecutive(lines + first, width))
            {
                CopyRuns(source + lines[first], width, terms, depth, panels);
            }
            else
            {
                CopyLines(source, lines + first, count, width, terms, depth, panels);
            }

            panels += (long)width * depth;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRuns<T>(T* source, int width, long* terms, int depth, T* panel)
        where T : unmanaged
    {
        for (var term = 0; term < depth; term++)
        {
            Unsafe.CopyBlockUnaligned(panel, source + terms[term], (uint)(width * sizeof(T)));
            panel += width;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyLines<T>(T* source, long* lines, int count, int width, long* terms, int depth, T* panel)
        where T : unmanaged
    {
        // Four lines at a time: what one of them brings into the cache for a line of the panel, the others fill.
        var line = 0;
        for (; line <= count - 4; line += 4)
        {
            var (a, b, c, d) = ((nint)(source + lines[line]), (nint)(source + lines[line + 1]), (nint)(source + lines[line + 2]), (nint)(source + lines[line + 3]));
            var to = panel + line;
            for (var term = 0; term < depth; term++)
            {
                var offset = (nint)terms[term];
                to[0] = ((T*)a)[offset];
                to[1] = ((T*)b)[offset];
                to[2] = ((T*)c)[offset];
                to[3] = ((T*)d)[offset];
                to += width;
            }
        }

        for (; line < count; line++)
        {
            var from = source + lines[line];
            var to = panel + line;
            for (var term = 0; term < depth; term++)
            {
                *to = from[terms[term]];
                to += width;
            }
        }

        for (line = count; line < width; line++)
        {
            for (var term = 0; term < depth; term++)
            {
                panel[(term * width) + line] = default;
            }
        }
    }
}
