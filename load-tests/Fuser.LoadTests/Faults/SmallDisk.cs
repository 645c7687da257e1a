using System.Diagnostics;

namespace Fuser.LoadTests.Faults;

/// <summary>A file system of a few pages that is full, for as long as it is not disposed. Only root may mount one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int Bytes = 64 << 10;

    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    /// <param name="problem">Why there is none.</param>
    public static SmallDisk? TryCreate(out string problem)
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
        {
            problem = "only root on Linux may mount a file system of its own";
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("fuser-full-disk-").FullName;
        if (Call("mount", "-t", "tmpfs", "-o", $"size={Bytes}", "tmpfs", folder) is { } refused)
        {
            Directory.Delete(folder);
            problem = $"no file system could be mounted: {refused}";
            return null;
        }

        var disk = new SmallDisk(folder);
        problem = disk.Fill() ? "" : "the file system takes more than its size";
        if (problem.Length == 0)
        {
            return disk;
        }

        disk.Dispose();
        return null;
    }

    public void Dispose()
    {
        if (Call("umount", "-l", Folder) is null)
        {
            Directory.Delete(Folder);
        }
    }

    /// <returns>Whether nothing more can be written.</returns>
    private bool Fill()
    {
        try
        {
            using var file = File.Create(Path.Combine(Folder, "everything"), 1);
            for (var written = 0; written <= 2 * Bytes; written += 512)
            {
                file.Write(new byte[512]);
            }
        }
        catch (IOException)
        {
            return true;
        }

        return false;
    }

    /// <returns>What the program said when it failed; null when it did not.</returns>
    private static string? Call(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : error.Trim();
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return missing.Message;
        }
    }
}
