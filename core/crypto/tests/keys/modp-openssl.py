"""Writes modp-openssl.json and modp*.hex with the help of the openssl command."""
import subprocess,json,re,os,sys,tempfile
def run(*a,**k): return subprocess.run(a,check=True,capture_output=True,**k).stdout
cases=[]
K=os.path.dirname(os.path.abspath(sys.argv[0]))+'/'
os.chdir(tempfile.mkdtemp())
for bits,group in((2048,14),(3072,15),(4096,16)):
    run('openssl','genpkey','-genparam','-algorithm','DH','-pkeyopt',f'group:modp_{bits}','-out','p.pem')
    out=run('openssl','asn1parse','-in','p.pem').decode()
    p=re.findall(r'INTEGER\s+:([0-9A-F]+)',out)
    prime=p[0].lower(); assert p[1]=='02',p
    for i in range(4):
        keys=[]
        for n in 'ab':
            run('openssl','genpkey','-paramfile','p.pem','-out',n+'.pem')
            run('openssl','pkey','-in',n+'.pem','-pubout','-out',n+'.pub')
            t=run('openssl','pkey','-in',n+'.pem','-noout','-text').decode()
            def grab(name):
                m=re.search(name+r'[^:\n]*:\n?((?:\s+[0-9a-f:]+\n)+)',t)
                return int(re.sub(r'[\s:]','',m.group(1)),16)
            keys.append((grab('private-key'),grab('public-key')))
        s=run('openssl','pkeyutl','-derive','-inkey','a.pem','-peerkey','b.pub','-pkeyopt','pad:1').hex()
        P=int(prime,16)
        assert pow(2,keys[0][0],P)==keys[0][1] and '%0*x'%(bits//4,pow(keys[1][1],keys[0][0],P))==s
        print(bits,keys[0][0].bit_length())
        cases.append(dict(group=group,private='%x'%keys[0][0],public='%0*x'%(bits//4,keys[0][1]),peer='%0*x'%(bits//4,keys[1][1]),shared=s))
        if i==0: open(K+f'modp{bits}.hex','w').write(prime+'\n')
# a case whose secret begins with zero bytes: padding must survive
for bits,group in((2048,14),):
    P=int(open(K+f'modp{bits}.hex').read(),16)
    x=int(cases[0]['private'],16); i=2
    while True:
        y=pow(2,i,P); s=pow(y,x,P)
        if s.bit_length()<=bits-8: break
        i+=1
    cases.append(dict(group=group,private='%x'%x,public='%0*x'%(bits//4,pow(2,x,P)),peer='%0*x'%(bits//4,y),shared='%0*x'%(bits//4,s)))
open(K+'modp-openssl.json','w').write(json.dumps(cases,indent=1)+'\n')
