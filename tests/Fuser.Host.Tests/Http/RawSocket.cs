using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fuser.Host.Tests.Http;

/// <summary>Sends what no client would.</summary>
internal static class RawSocket
{
    /// <summary>Sends bytes on a connection of their own and reads until the server has answered one problem, or has closed.</summary>
    public static async Task<string> AskAsync(int port, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text));
        return await ReadAsync(client.GetStream());
    }

    public static async Task<string> ReadAsync(NetworkStream stream)
    {
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (!answer.ToString().Contains("\r\n0\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) is > 0 and var read)
        {
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return answer.ToString();
    }
}
