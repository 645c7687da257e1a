using Fuser.Kernels;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;

namespace Fuser.Host.Commands;

/// <summary>The graph a command works on.</summary>
internal static class GraphFile
{
    public static Graph Load(string path, ErrorPlace place)
    {
        place.GraphFile = path;
        return path.Length > 0
            ? GraphText.Load(path)
            : throw new CommandException(ErrorCodes.Usage, ExitCode.BadInput, "GRAPH is empty; give the path of a graph file");
    }
}
