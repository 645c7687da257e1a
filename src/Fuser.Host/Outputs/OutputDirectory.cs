using System.Collections.Immutable;
using Fuser.Host.Commands;
using Fuser.Host.Npy;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Outputs;

/// <summary>
/// Writes the outputs of a run as a set: everything is written under another name first and renamed when it is complete, so that an
/// error, a full disk or a killed process leaves no half-written result.
/// </summary>
internal static class OutputDirectory
{
    /// <summary>Whether outputs could be written, asked before anything is computed.</summary>
    /// <exception cref="CommandException">The path cannot be a directory.</exception>
    public static void Check(string directory)
    {
        var existing = directory.Length > 0 ? Path.GetFullPath(directory) : null;
        while (existing is not null && !Directory.Exists(existing))
        {
            if (File.Exists(existing))
            {
                throw Unusable($"'{existing}' is a file");
            }

            existing = Path.GetDirectoryName(existing);
        }

        if (directory.Length == 0)
        {
            throw Unusable("it has no name");
        }

        CommandException Unusable(string why) =>
            new(ErrorCodes.FileUnwritable, ExitCode.BadInput, $"outputs cannot be written to the directory '{directory}': {why}. Give another path with -o");
    }

    /// <summary>Writes DIR/out_0.npy, DIR/out_1.npy, ... and replaces what was there under these names.</summary>
    /// <returns>The paths, in output order.</returns>
    /// <exception cref="CommandException">A file cannot be written; nothing was.</exception>
    public static ImmutableArray<string> Write(string directory, ImmutableArray<NdArray> outputs)
    {
        // Beside a new directory or inside an existing one: either way on the same file system, where a rename is atomic.
        var isNew = !Directory.Exists(directory);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        var mark = $".fuser-{Guid.NewGuid():N}";
        var temporary = isNew ? full + mark : Path.Combine(full, mark);
        try
        {
            Directory.CreateDirectory(temporary);
            for (var i = 0; i < outputs.Length; i++)
            {
                RefuseDirectory(Path.Combine(full, Name(i)));
                NpyWriter.Save(Path.Combine(temporary, Name(i)), outputs[i]);
            }

            if (isNew)
            {
                Directory.Move(temporary, full);
            }
            else
            {
                for (var i = 0; i < outputs.Length; i++)
                {
                    File.Move(Path.Combine(temporary, Name(i)), Path.Combine(full, Name(i)), overwrite: true);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new CommandException(ErrorCodes.FileUnwritable, ExitCode.Failed, $"the outputs cannot be written to '{directory}': {e.Message} Nothing was left there half-written", e);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }

        return [.. outputs.Select((_, i) => Path.Combine(directory, Name(i)))];
    }

    private static string Name(int index) => $"out_{index}.npy";

    private static void RefuseDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a directory.");
        }
    }
}
