package dev.yibu.http;

import dev.yibu.lowlevel.Driver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Makes {@link SecureSocket}s over sockets that are connected, which is all that OkHttp asks for. */
final class SecureSockets extends SSLSocketFactory {
    private final SSLSocketFactory factory;
    private final Driver driver;

    SecureSockets(SSLSocketFactory factory, Driver driver) {
        this.factory = factory;
        this.driver = driver;
    }

    @Override
    public Socket createSocket(Socket connected, String host, int port, boolean autoClose) throws IOException {
        return new SecureSocket(connected, (SSLSocket) factory.createSocket(connected, host, port, autoClose), driver);
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return factory.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return factory.getSupportedCipherSuites();
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
        throw new UnsupportedOperationException();
    }
}
